/**
 * The page of the viewer. All its links are relative to `/docs/`, so that it works under any prefix,
 * and nothing is written into it: a policy without `unsafe-inline` lets it run.
 */
export const VIEWER_PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>podreach API</title>
    <link rel="icon" type="image/png" sizes="32x32" href="assets/favicon-32x32.png" />
    <link rel="stylesheet" href="assets/swagger-ui.css" />
    <script defer src="assets/swagger-ui-bundle.js"></script>
    <script defer src="assets/start.js"></script>
  </head>
  <body>
    <noscript>
      The viewer needs scripts. The same as text: <a href="../openapi.json">openapi.json</a>,
      <a href="api.md">how to call podreach</a>, <a href="reasons">what each code means</a>.
    </noscript>
    <div id="swagger-ui"></div>
  </body>
</html>
`;

/**
 * Starts the viewer on this server's own description. It asks no validator of elsewhere, and an address
 * in the URL of the page does not choose another description.
 */
export const VIEWER_START = `window.SwaggerUIBundle({
  url: new URL('../openapi.json', document.baseURI).href,
  dom_id: '#swagger-ui',
  presets: [window.SwaggerUIBundle.presets.apis],
  layout: 'BaseLayout',
  deepLinking: true,
  queryConfigEnabled: false,
  validatorUrl: null,
});
`;

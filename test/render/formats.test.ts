import t from 'tap';
import { parse } from 'yaml';
import { formatFor, formats } from '../../src/render/formats.ts';
import type { AnswerKind } from '../../src/render/formats.ts';
import { printPorts } from '../../src/render/port-text.ts';
import { renderText } from '../../src/render/text.ts';
import { wrap } from '../../src/render/text/layout.ts';
import type { Json } from '../../src/render/wire.ts';
import * as answers from './answers.ts';

const KINDS: readonly (readonly [AnswerKind, Json])[] = [
  ['path', answers.path],
  ['paths', answers.paths],
  ['reach-list', answers.reachList],
  ['isolation-list', answers.isolationList],
  ['exposure-list', answers.exposureList],
  ['effective-list', answers.effectiveList],
  ['policy-list', answers.policyList],
  ['way-list', answers.wayList],
  ['resolution', answers.resolution],
  ['snapshot', answers.snapshotAnswer],
  ['snapshot-list', answers.snapshotList],
  ['cluster-list', answers.clusterList],
];

const render = (format: string, kind: AnswerKind, answer: Json): string =>
  formats.get(format)?.render(kind, answer) ?? '';

t.test('json and yaml say exactly what the answer says, for every kind', (t) => {
  for (const [kind, answer] of KINDS) {
    t.strictSame(JSON.parse(render('json', kind, answer)), answer, kind);
    t.strictSame(parse(render('yaml', kind, answer)), answer, kind);
  }
  t.end();
});

t.test('every format ends its last line, whatever is missing in the answer', (t) => {
  for (const format of formats.keys()) {
    for (const [kind, answer] of KINDS) {
      t.ok(render(format, kind, answer).endsWith('\n'), `${kind} as ${format}`);
      // An answer of a server of another version may lack anything.
      t.ok(render(format, kind, {}).length < 200, `nothing as ${format} of ${kind}`);
    }
  }
  t.end();
});

t.test('ports print in the grammar in which they are asked', (t) => {
  const range = (protocol: string, from: number, to: number): Json => ({ protocol, from, to });
  const full = (protocol: string): Json => range(protocol, 1, 65535);
  const cases: readonly (readonly [ports: readonly Json[], text: string])[] = [
    [[], ''],
    [[range('TCP', 80, 80), range('TCP', 443, 443)], 'tcp/80,tcp/443'],
    [[range('TCP', 8000, 8100), range('UDP', 53, 53)], 'tcp/8000-8100,udp/53'],
    [[full('TCP')], 'tcp'],
    [[full('TCP'), full('UDP')], 'tcp,udp'],
    [[full('TCP'), full('UDP'), full('SCTP')], 'any'],
    [[full('TCP'), full('UDP'), range('SCTP', 2, 65535)], 'tcp,udp,sctp/2-65535'],
  ];
  for (const [ports, text] of cases) t.equal(printPorts(ports), text);
  t.end();
});

t.test(
  'a denied path shows the verdict first, both legs, the nearest rule and what is missing',
  (t) => {
    t.strictSame(render('text', 'path', answers.path).split('\n'), [
      'DENIED  shop/deploy/web → shop/deploy/api  tcp/8080',
      '',
      'Ingress of shop/deploy/api is isolated.',
      '',
      '✓ egress of shop/deploy/web: not isolated, so nothing stops it',
      '✗ ingress of shop/deploy/api: isolated, and no rule admits this',
      '    · NetworkPolicy shop/api-clients does not admit',
      '        · /spec/ingress/0/from/1 (policies.yaml:12) nearest: the peer is not selected',
      '',
      'reasons',
      '  INGRESS_NOT_ADMITTED: no rule admits this',
      '',
      'problems in the input',
      '  error: NetworkPolicy shop/x spec: is missing (x.yaml:3)',
      '',
      'not in the snapshot: Node absent',
      '',
    ]);
    t.end();
  },
);

t.test('lists are aligned tables under their counts', (t) => {
  t.strictSame(render('text', 'reach-list', answers.reachList).split('\n'), [
    '2 rows: 1 allowed, 1 undetermined',
    'not in the snapshot: Node absent',
    '',
    'FROM             TO               VERDICT       PORTS                     UNDETERMINED  BECAUSE',
    'shop/deploy/web  shop/deploy/api  ALLOWED       tcp/80,tcp/8000-8100,udp                shop/api-clients',
    '0.0.0.0/0,::/0   shop/deploy/api  UNDETERMINED                            any           MISSING_KIND',
    '',
  ]);
  t.match(render('text', 'isolation-list', answers.isolationList).split('\n').slice(3), [
    'PODS                  INGRESS                       EGRESS',
    'shop/deploy/api       isolated by shop/api-clients  open',
    'shop/deploy/web       unknown                       open',
    'kube-system/ds/proxy  not policed                   not policed',
  ]);
  t.match(render('text', 'policy-list', answers.policyList).split('\n').slice(3), [
    'POLICY                          SELECTS       PODS  RULES                WHERE            NOT EVALUATED',
    'NetworkPolicy shop/api-clients  shop?app=api  2     ingress 1            policies.yaml:3',
    'CiliumNetworkPolicy shop/c      shop/*        5     ingress 0, egress 0                   UNEVALUATED_POLICY',
  ]);
  t.match(render('text', 'way-list', answers.wayList).split('\n').slice(4), [
    'WAY IN            AT                      VERDICT       THROUGH          TO                 BECAUSE',
    'Ingress shop/web  *.shop.example/x tcp/?  DENIED        shop/deploy/web  shop/svc/api http  shop/api-clients',
    'HTTPRoute shop/r  * tcp/80                UNDETERMINED  not found        shop/b             BACKEND_NOT_A_SERVICE',
    'Service shop/api  node port udp/30053     ALLOWED                        shop/deploy/api    shop/api-clients',
  ]);
  t.end();
});

t.test('exposure is a ranked table, and one row says who else could', (t) => {
  t.strictSame(render('text', 'exposure-list', answers.exposureList).split('\n'), [
    '2 rows: 1 internet, 1 internet, perhaps',
    'not in the snapshot: Node absent',
    '',
    '#  PODS             EXPOSED TO         FROM INTERNET                           ENTRY PATH             TO INTERNET  FROM CLUSTER',
    '1  shop/deploy/api  internet           tcp/8080 for 203.0.113.0/24 and 1 more  Service shop/api: yes  none         own tcp/8080; new pods (2)',
    '2  shop/deploy/web  internet, perhaps  tcp/8080                                unknown                none         everywhere tcp/8080',
    '',
  ]);
  const { items, ...rest } = answers.exposureList as { readonly items: readonly Json[] };
  const one = render('text', 'exposure-list', { ...rest, items: items.slice(0, 1), totalCount: 1 });
  t.strictSame(one.split('\n').slice(6), [
    'who else could, were it created',
    '  a pod labelled app=web in namespace shop: tcp/8080, if its own egress let it',
    '  and 1 more',
    '',
    'reasons',
    '  CONDITIONAL: an address is not known',
    '',
  ]);
  t.end();
});

t.test('effective rules are a table a direction, with a line for each peer and rule', (t) => {
  t.strictSame(render('text', 'effective-list', answers.effectiveList).split('\n'), [
    'shop/deploy/web: 5 rows, 2 parts with different rules',
    'not in the snapshot: Node absent',
    '',
    'ingress of shop/pod/web-1, 3 pods',
    '#  ACTION  TIER            PORTS                 FROM                RULES',
    '1  ALLOW   network policy  tcp/8080,tcp/metrics  shop?app=web        shop/api-clients /spec/ingress/0/from/1 (policies.yaml:12)',
    '                                                 all but 10.0.0.0/8',
    '2  DENY    network policy  any                   everyone            isolated by shop/api-clients',
    '3  PASS    baseline        tcp/8080              shop?app=web        shop/api-clients /spec/ingress/0/from/1 (policies.yaml:12)',
    '                                                 all but 10.0.0.0/8  CONDITIONAL: a host name',
    '                                                                     never asked: shop/api-clients /spec/ingress/0/from/1 (policies.yaml:12), isolated by shop/api-clients',
    '',
    'egress of shop/pod/web-1, 3 pods',
    '#  ACTION  PORTS                 TO                  RULES',
    '1  ALLOW   tcp/8080,tcp/metrics  shop?app=web        nobody decided',
    '                                 all but 10.0.0.0/8',
    '',
    '4 of 5 rows are shown',
    '',
  ]);
  t.end();
});

t.test('an incomplete list says so before its rows, an empty one is never mistaken for it', (t) => {
  const none = { ...(answers.reachList as object), items: [], totalCount: 0 } as Json;
  const text = render('text', 'reach-list', { ...(none as object), complete: false });
  t.match(text, /^INCOMPLETE: no connection is known to be allowed\na missing fact could add/);
  t.match(render('text', 'reach-list', none), /^none: no connection is allowed\n/);
  const cut = { ...(answers.reachList as object), totalCount: 7 } as Json;
  t.match(render('text', 'reach-list', cut), /2 of 7 rows are shown/);
  t.end();
});

t.test('text of the other kinds names what matters', (t) => {
  t.match(
    render('text', 'paths', answers.paths),
    /ERROR +shop\/nobody +shop\/api +any +ref-not-found: nothing/,
  );
  t.match(
    render('text', 'resolution', answers.resolution),
    /^shop\/svc\/api: Service shop\/svc\/api\n/,
  );
  t.match(render('text', 'resolution', answers.resolution), /tcp\/443 → 8443 on 2 pods/);
  t.match(render('text', 'snapshot', answers.snapshotAnswer), /source {4}live \(detected\)/);
  t.match(render('text', 'snapshot', answers.snapshotAnswer), /the dump has no Nodes/);
  t.match(render('text', 'snapshot-list', answers.snapshotList), /s_1 +prod +2026-08-01/);
  t.match(render('text', 'cluster-list', answers.clusterList), /prod +s_1/);
  t.end();
});

t.test('several outcomes of one question are all shown', (t) => {
  const [outcome] = (answers.path as unknown as { outcomes: readonly object[] }).outcomes;
  const answer = {
    ...(answers.path as object),
    verdict: 'PARTIAL',
    outcomes: [outcome, { ...outcome, verdict: 'ALLOWED', family: 'IPV6' }],
  } as Json;
  const text = render('text', 'path', answer);
  t.match(text, /2 outcomes, the worst first/);
  t.match(text, /DENIED +IPV4 +3, such as shop\/deploy\/web +shop\/deploy\/api +tcp\/8080/);
  t.match(text, /ALLOWED +IPV6/);
  t.end();
});

t.test('names cannot command a terminal, in any format that a terminal shows', (t) => {
  const evil = '\u001b[2J\u009b31m\u202eapi\nDENIED';
  const answer = {
    ...(answers.path as object),
    from: { ...answers.web, ref: evil },
    text: evil,
    askedText: evil,
    reasons: [{ code: evil, message: evil }],
  } as Json;
  for (const format of ['text', 'json', 'ndjson']) {
    const text = render(format, 'path', answer);
    t.notMatch(text, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/, format);
  }
  t.match(
    render('text', 'path', answer),
    /^DENIED {2}\\u\{1b\}\[2J\\u\{9b\}31m\\u\{202e\}api\\u\{a\}DENIED →/,
  );
  t.strictSame(JSON.parse(render('json', 'path', answer)), answer, 'and json still means the same');
  t.end();
});

t.test('csv has the header of the contract, quotes as RFC 4180 says, and runs no formula', (t) => {
  const [header, first] = render('csv', 'reach-list', answers.reachList).split('\r\n');
  t.equal(
    header,
    'from,fromKind,fromNamespace,fromName,to,toKind,toNamespace,toName,verdict,ports,undetermined,implicit,podPairs',
  );
  t.equal(
    first,
    'shop/deploy/web,Deployment,shop,web,shop/deploy/api,Deployment,shop,api,ALLOWED,"tcp/80,tcp/8000-8100,udp",,,3',
  );
  const cases: readonly (readonly [ref: string, cell: string])[] = [
    ['=1+1', "'=1+1"],
    ['+1', "'+1"],
    ['-1', "'-1"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\t=1', "'\t=1"],
    ['*?app=api', '*?app=api'],
    ['a"b', '"a""b"'],
    ['a\nb', '"a\nb"'],
    ['=a,b', `"'=a,b"`],
  ];
  for (const [ref, cell] of cases) {
    const rows = { items: [{ from: { ...answers.web, ref } }] } as unknown as Json;
    const text = render('csv', 'reach-list', rows);
    t.ok(
      text.slice(text.indexOf('\r\n') + 2).startsWith(`${cell},Deployment`),
      JSON.stringify(ref),
    );
  }
  const errors = render('csv', 'paths', answers.paths).split('\r\n')[2];
  t.match(errors, /^shop\/nobody,shop\/api,any,,.*,ref-not-found,/);
  t.end();
});

t.test('every row of a kind has as many cells as its header', (t) => {
  for (const [kind, answer] of KINDS) {
    const lines = render('csv', kind, answer).trimEnd().split('\r\n');
    t.ok(1 < lines.length, kind);
    const widths = lines.map((line) => line.replace(/"[^"]*"/g, '').split(',').length);
    t.equal(new Set(widths).size, 1, kind);
  }
  t.end();
});

t.test('ndjson lists end with a line that counts them', (t) => {
  const last = (answer: Json): unknown =>
    JSON.parse(render('ndjson', 'reach-list', answer).trimEnd().split('\n').at(-1) ?? '');
  t.strictSame(last(answers.reachList), { end: true, count: 2, complete: true });
  const base = answers.reachList as object;
  t.strictSame(last({ ...base, complete: false }), {
    end: true,
    count: 2,
    complete: false,
  });
  t.strictSame(last({ ...base, totalCount: 5 }), { end: true, count: 2, complete: false });
  t.equal(render('ndjson', 'path', answers.path).trimEnd().split('\n').length, 1);
  t.end();
});

t.test('colour goes to verdicts and never changes the words', (t) => {
  const paint = {
    good: (text: string) => `\u001b[32m${text}\u001b[39m`,
    bad: (text: string) => `\u001b[31m${text}\u001b[39m`,
    unsure: (text: string) => `\u001b[33m${text}\u001b[39m`,
    strong: (text: string) => `\u001b[1m${text}\u001b[22m`,
    faint: (text: string) => `\u001b[2m${text}\u001b[22m`,
  };
  for (const [kind, answer] of KINDS) {
    const colored = renderText(kind, answer, { paint, width: 100 });
    t.equal(colored.replace(/\u001b\[\d+m/g, ''), render('text', kind, answer), kind);
  }
  t.match(renderText('path', answers.path, { paint, width: 100 }), /^\u001b\[31mDENIED\u001b\[39m/);
  t.end();
});

t.test('sentences wrap at words; a long word keeps its own line', (t) => {
  t.strictSame(wrap('one two three', 7), ['one two', 'three']);
  t.strictSame(wrap('one two', 6, '  '), ['  one', '  two']);
  t.strictSame(wrap('averylongword x', 5), ['averylongword', 'x']);
  t.strictSame(wrap('', 5), []);
  t.end();
});

/** Reads what `dot` writes by the grammar of the language; a text that it does not hold is an error. */
function readDot(text: string): { boxes: string[]; arrows: string[]; frames: string[] } {
  const quoted = '"(?:[^"\\\\]|\\\\.)*"';
  const attributes = `\\[\\w+=(?:${quoted}|\\w+)(?:, \\w+=(?:${quoted}|\\w+))*\\]`;
  const found = { boxes: [] as string[], arrows: [] as string[], frames: [] as string[] };
  const lines = text.trimEnd().split('\n');
  if (lines[0] !== 'digraph podreach {' || lines.at(-1) !== '}') throw new Error('no digraph');
  let depth = 1;
  for (const line of lines.slice(1, -1)) {
    const statement = line.trim();
    if (new RegExp(`^n\\d+ ${attributes};$`).test(statement)) found.boxes.push(statement);
    else if (new RegExp(`^n\\d+ -> n\\d+ ${attributes};$`).test(statement)) {
      found.arrows.push(statement);
    } else if (/^subgraph cluster_\d+ \{$/.test(statement)) {
      depth += 1;
      found.frames.push(statement);
    } else if (statement === '}') depth -= 1;
    else if (!new RegExp(`^(?:node ${attributes}|\\w+=(?:${quoted}|\\w+));$`).test(statement)) {
      throw new Error(`not of the language: ${line}`);
    }
  }
  if (depth !== 1) throw new Error('a frame is not closed');
  return found;
}

t.test('drawings have a box for each end and an arrow for each row, framed by namespace', (t) => {
  t.equal(
    render('dot', 'reach-list', answers.reachList),
    [
      'digraph podreach {',
      '  rankdir=LR;',
      '  node [shape=box];',
      '  subgraph cluster_0 {',
      '    label="shop";',
      '    n0 [label="shop/deploy/web"];',
      '    n1 [label="shop/deploy/api"];',
      '  }',
      '  n2 [label="0.0.0.0/0,::/0", shape=ellipse];',
      '  n0 -> n1 [label="tcp/80,tcp/8000-8100,udp"];',
      '  n2 -> n1 [label="any?", color="gray40", style="dashed"];',
      '}',
      '',
    ].join('\n'),
  );
  t.equal(
    render('mermaid', 'reach-list', answers.reachList),
    [
      'flowchart LR',
      '  subgraph g0["shop"]',
      '    n0["shop/deploy/web"]',
      '    n1["shop/deploy/api"]',
      '  end',
      '  n2(["0.0.0.0/0,::/0"])',
      '  n0 -->|"tcp/80,tcp/8000-8100,udp"| n1',
      '  n2 -.->|"any?"| n1',
      '',
    ].join('\n'),
  );
  t.match(render('dot', 'path', answers.path), /n0 -> n1 \[label="tcp\/8080 DENIED", color="red"/);
  t.match(render('mermaid', 'path', answers.path), /n0 --x\|"tcp\/8080 DENIED"\| n1/);
  t.end();
});

t.test('every kind that can be drawn is, and the others say how they can be written', (t) => {
  for (const [kind, answer] of KINDS) {
    const { format, names } = formatFor(kind, 'dot');
    if (format === undefined) {
      t.match(kind, /^(snapshot|snapshot-list|cluster-list)$/);
      t.notOk(names.includes('dot') || names.includes('mermaid'), kind);
      t.ok(names.includes('md') && names.includes('json'), kind);
    } else {
      t.ok(0 < readDot(format.render(kind, answer)).boxes.length, kind);
      t.match(render('mermaid', kind, answer), /^flowchart LR\n/, kind);
    }
  }
  t.end();
});

t.test('drawings say what was left out of them', (t) => {
  const cut = { ...(answers.reachList as object), totalCount: 7, complete: false } as Json;
  const remark = 'incomplete: a missing fact could add or change rows; 2 of 7 rows are shown';
  t.ok(render('dot', 'reach-list', cut).includes(`  label="${remark}";`));
  t.ok(render('mermaid', 'reach-list', cut).includes(`remark["${remark.replace(';', '#59;')}"]`));
  const [row] = (answers.reachList as unknown as { items: readonly object[] }).items;
  const items = Array.from({ length: 450 }, (_, i) => ({
    ...row,
    from: { ...answers.web, key: `shop/deploy/web-${i}`, ref: `shop/deploy/web-${i}` },
  }));
  const long = render('mermaid', 'reach-list', { ...(answers.reachList as object), items });
  t.match(long, /50 more arrows are not drawn/);
  t.equal(long.split('-->').length - 1, 400);
  t.equal(long.split('shop/deploy/web-').length - 1, 400, 'boxes without an arrow are left out');
  t.end();
});

t.test('whatever a name holds, it stays a name in a drawing and in Markdown', (t) => {
  const evils = ['a"];x[label="b', 'a\\', '"]\n  click n0 "javascript:1"', 'a|b', '<img src=x>'];
  for (const evil of [...evils, '`code`', '[a](javascript:1)', '#quot;', 'é\u202e']) {
    const row = {
      from: { ...answers.web, ref: evil, key: evil, namespace: evil },
      to: answers.web,
    };
    const list = { items: [{ ...row, verdict: 'ALLOWED', ports: [] }], totalCount: 1 } as Json;
    const { boxes, arrows } = readDot(render('dot', 'reach-list', list));
    t.strictSame([boxes.length, arrows.length], [2, 1], evil);
    const mermaid = render('mermaid', 'reach-list', list);
    const quotes = mermaid
      .split('\n')
      .map((line) => line.replace(/"[A-Za-z0-9 .,:/?=()_+#;-]*"/g, 'text'));
    t.notMatch(quotes.join('\n').replaceAll('-->', ''), /["<>`]|click/, evil);
    const row2 = render('md', 'reach-list', list)
      .split('\n')
      .find((line) => line.includes('ALLOWED'));
    t.equal(row2?.replace(/\\\|/g, '').split('|').length, 5, `${evil}: three cells`);
    t.notMatch(row2?.replace(/\\./g, ''), /[<`[\]]/, evil);
  }
  t.end();
});

t.test('markdown is a heading, lists and tables with the words of the text', (t) => {
  t.strictSame(render('md', 'reach-list', answers.reachList).split('\n'), [
    '### 2 rows: 1 allowed, 1 undetermined',
    'not in the snapshot: Node absent  ',
    '',
    '| FROM | TO | VERDICT | PORTS | UNDETERMINED | BECAUSE |',
    '| --- | --- | --- | --- | --- | --- |',
    '| shop/deploy/web | shop/deploy/api | ALLOWED | tcp/80,tcp/8000-8100,udp |  | shop/api-clients |',
    '| 0.0.0.0/0,::/0 | shop/deploy/api | UNDETERMINED |  | any | MISSING\\_KIND |',
    '',
  ]);
  t.match(render('md', 'path', answers.path).split('\n'), [
    '### DENIED  shop/deploy/web → shop/deploy/api  tcp/8080',
    '',
    'Ingress of shop/deploy/api is isolated.  ',
    '',
    '✓ egress of shop/deploy/web: not isolated, so nothing stops it  ',
    '✗ ingress of shop/deploy/api: isolated, and no rule admits this  ',
    '- · NetworkPolicy shop/api-clients does not admit',
    '  - · /spec/ingress/0/from/1 (policies.yaml:12) nearest: the peer is not selected',
  ]);
  t.end();
});

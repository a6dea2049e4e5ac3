// Claims a database, says so, and keeps it until nobody listens any more.
//
// usage: claim-once.mjs MODULE URL
const [module, url] = process.argv.slice(2);
const { claimDatabase } = await import(module);
try {
  const { release } = claimDatabase(url, 1e9);
  process.stdout.write('claimed\n');
  process.stdin.resume().on('end', release);
} catch (error) {
  process.stdout.write(`${error.message}\n`);
}

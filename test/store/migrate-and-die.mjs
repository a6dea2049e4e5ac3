// Brings a database up to date and is killed where its last migration says `SELECT die()`.
//
// usage: migrate-and-die.mjs MODULE DATABASE MIGRATIONS
import Database from 'better-sqlite3';

const [module, file, migrations] = process.argv.slice(2);
const { migrate } = await import(module);
const database = new Database(file);
database.function('die', () => process.kill(process.pid, 'SIGKILL'));
migrate(database, JSON.parse(migrations));

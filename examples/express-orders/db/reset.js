/** Makes the database SPANGATE_DATABASE a fresh copy of the seeded template. */
import { recreateDatabase, target, template } from './connection.js';

await recreateDatabase(target(), template());

/** Makes the database SPANGATE_DATABASE a fresh copy of the seeded template. */
import { recreateDatabase, TEMPLATE, target } from './connection.js';

await recreateDatabase(target(), TEMPLATE);

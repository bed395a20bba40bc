import { createPair } from '../support/pair.ts';
import { describeModel } from './model.ts';

describeModel('a whole content model, edited at random, from PostgreSQL to SQLite', createPair('postgres', 'sqlite'));

import { createPair } from '../support/pair.ts';
import { describeModel } from './model.ts';

describeModel('a whole content model, edited at random, from SQLite to PostgreSQL', createPair('sqlite', 'postgres'));

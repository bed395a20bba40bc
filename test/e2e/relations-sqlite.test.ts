import { createPair } from '../support/pair.ts';
import { describeRelations } from './relations.ts';

describeRelations('a content model from SQLite to PostgreSQL', createPair('sqlite', 'postgres'));

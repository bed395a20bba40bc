import { createPair } from '../support/pair.ts';
import { describeRelations } from './relations.ts';

describeRelations('a content model from PostgreSQL to SQLite', createPair('postgres', 'sqlite'));

import { describePorts } from '../conformance/suite.ts';
import { createDirectusSubject } from './conformance.ts';

describePorts('on Directus with SQLite', () => createDirectusSubject('sqlite'));

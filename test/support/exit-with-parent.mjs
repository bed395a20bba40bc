/**
 * Preloaded into every Directus the tests start: when the process that started it goes away, even by SIGKILL,
 * the channel to it closes and this one ends as well.
 */
import process from 'node:process';

process.on('disconnect', () => process.exit(1));
process.channel?.unref();

import type { Content } from '../replication/file-content.ts';
import type { Remote } from '../wire/port.ts';
import type { ChangeResult } from '../wire/result.ts';

export type FilesPort = {
	/** Sends a file's bytes; null when the remote has them now, else why not. Never rejects: a failure is that file's own. */
	upload(remote: Remote, file: string, content: Content): Promise<ChangeResult | null>;
};

export type FilesDep = { files: FilesPort };

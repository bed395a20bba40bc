/** Mutants that change nothing which anybody could notice, each with the reason. */
export type Equivalent = {
	file: string;
	/** A part of its line, where the fault itself is found on others as well. */
	line?: string;
	from: string;
	to: string;
	why: string;
};

export const EQUIVALENT: readonly Equivalent[] = [
	{
		file: 'src/replication/merge.ts',
		from: "incoming.fields[field]?.at ?? ''",
		to: 'incoming.fields[field]?.at',
		why: 'The fields are the keys of that very record; the rest is for the type checker.',
	},
	{
		file: 'src/replication/stamps.ts',
		from: 'common !== null && isOneWrite(stamp, common)',
		to: 'isOneWrite(stamp, common)',
		why: 'There is no commonest stamp only where there are no stamps, and then the loop has no turn.',
	},
	{
		file: 'src/replication/stamps.ts',
		from: 'common.over !== undefined && { o: common.over }',
		to: '{ o: common.over }',
		why: 'JSON leaves undefined out.',
	},
	{
		file: 'src/replication/stamps.ts',
		from: `text.includes('"b":[') ? (JSON.parse(text) as Partial<Encoded>).b : undefined`,
		to: '(JSON.parse(text) as Partial<Encoded>).b',
		why: 'It only spares the parsing.',
	},
	{
		file: 'src/replication/stamps.ts',
		line: '(counts.get(name) ?? 0) + 1',
		from: '0',
		to: '1',
		why: 'All counts begin one higher, so their order is the same.',
	},
	{
		file: 'src/replication/stamps.ts',
		line: '(counts.get(name) ?? 0) + 1',
		from: '1',
		to: '2',
		why: 'All counts are twice as high, so their order is the same.',
	},
	{
		file: 'src/apply/decide.ts',
		from: 'refused || !shape',
		to: 'refused',
		why: 'What has no shape is refused; the rest is for the type checker.',
	},
	{
		file: 'src/apply/decide.ts',
		from: "refused ?? { outcome: 'failed', code: 'unknown_collection' }",
		to: 'refused',
		why: 'What has no shape is refused; the rest is for the type checker.',
	},
];

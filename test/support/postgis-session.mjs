/**
 * The one session of a PGlite, lent to one connection at a time: from its first message until PostgreSQL says that it is
 * ready and in no transaction. What others send meanwhile waits. So neither their prepared statements nor their
 * transactions ever meet.
 */

const START_UP = 196_608;
/** Messages that are answered by "ready": the start-up, a query in one message, and the end of a query in several. */
const COMPLETE = [0, 'Q'.charCodeAt(0), 'S'.charCodeAt(0)];
const END = 'X'.charCodeAt(0);
const READY = ['Z'.charCodeAt(0), 0, 0, 0, 5];
const READY_LENGTH = 6;
const IDLE = 'I'.charCodeAt(0);

/** @param {import('@electric-sql/pglite').PGlite} database */
export function createSession(database) {
	let turn = Promise.resolve();

	/** Resolves when it is the caller's turn, with what ends it. */
	async function lend() {
		const before = turn;
		let giveBack = () => {};
		turn = new Promise((resolve) => {
			giveBack = resolve;
		});
		await before;
		return giveBack;
	}

	return {
		/** @param {import('node:net').Socket} socket */
		serve: (socket) => serve(database, lend, socket).catch(() => socket.destroy()),
	};
}

async function serve(database, lend, socket) {
	socket.setNoDelay(true);
	socket.on('error', () => {});
	let giveBack = null;

	try {
		for await (const message of messagesOf(socket)) {
			if (message[0] === END) break;
			giveBack ??= await lend();
			const isComplete = COMPLETE.includes(message[0]);
			const answer = await database.execProtocolRaw(message);
			// PGlite says "ready" also where one of several messages fails, and again at their end: a client would count one too many.
			const told = isReady(answer) && !isComplete ? answer.subarray(0, -READY_LENGTH) : answer;
			if (told.length > 0 && socket.writable) socket.write(told);
			if (!isComplete || answer.at(-1) !== IDLE) continue;
			giveBack();
			giveBack = null;
		}
	} finally {
		// A connection that went in the middle takes its transaction with it.
		if (giveBack) await database.exec('rollback').finally(giveBack);
		socket.end();
	}
}

/** Each message as the protocol frames it: a letter (but not at the start-up) and the length of the rest. */
async function* messagesOf(socket) {
	let rest = Buffer.alloc(0);
	for await (const chunk of socket) {
		rest = Buffer.concat([rest, chunk]);
		for (let length = lengthOf(rest); length !== null && rest.length >= length; length = lengthOf(rest)) {
			yield new Uint8Array(rest.subarray(0, length));
			rest = rest.subarray(length);
		}
	}
}

function lengthOf(bytes) {
	if (bytes.length < 8) return bytes.length < 5 || bytes[0] === 0 ? null : 1 + bytes.readInt32BE(1);
	return bytes.readInt32BE(4) === START_UP && bytes[0] === 0 ? bytes.readInt32BE(0) : 1 + bytes.readInt32BE(1);
}

/** Whether an answer ends with a "ready": its letter, the length, and how it stands with a transaction. */
const isReady = (answer) => READY.every((byte, index) => answer.at(index - READY_LENGTH) === byte);

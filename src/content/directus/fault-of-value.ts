/** What JavaScript throws at a value. Errors of databases and connections have classes of their own, and are none. */
export const isFaultOfValue = (error: unknown): error is Error =>
	error instanceof RangeError || error instanceof TypeError || error instanceof SyntaxError;

/** The administrator every bootstrapped instance has. Fixed values: these instances live for minutes, on loopback only. */
export const ADMIN = {
	email: 'admin@example.com',
	password: 'data-sync',
	token: 'admin-token-of-a-throwaway-instance',
} as const;

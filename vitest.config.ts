import { defineConfig } from 'vitest/config';

export default defineConfig({
	test: {
		projects: [
			{
				test: {
					name: 'unit',
					include: ['test/**/*.test.ts'],
					exclude: ['test/e2e/**', 'test/browser/**'],
					// Some play thousands of runs, and a machine may be busy.
					testTimeout: 120_000,
				},
			},
			{
				test: {
					name: 'e2e',
					include: ['test/e2e/**/*.test.ts', 'test/browser/**/*.test.ts'],
					globalSetup: ['test/support/global-setup.ts'],
					testTimeout: 120_000,
					hookTimeout: 180_000,
					// Each file runs several Directus processes; two cores carry two files at a time.
					pool: 'forks',
					maxWorkers: 2,
					sequence: { groupOrder: 1 },
				},
			},
		],
	},
});

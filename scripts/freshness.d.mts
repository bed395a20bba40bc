export function whyInstall(root: string): string | null;
export function whyBuild(root: string): string | null;

/** System collections are refused on both ends, except files and folders; our own are never content. */
export function isSyncableCollection(collection: string): boolean {
	if (collection === 'directus_files' || collection === 'directus_folders') return true;
	return !collection.startsWith('directus_') && !collection.startsWith('data_sync_');
}

/**
 * Waits for `ended`, or throws as soon as `signal` fires. n8n-workflow's own sleepWithAbort is gone in newer versions.
 */
export async function abortable(ended: Promise<void>, signal?: AbortSignal): Promise<void> {
	if (!signal) return await ended;
	signal.throwIfAborted();
	let onAbort!: () => void;
	const aborted = new Promise<never>((_, reject) => {
		onAbort = () => reject(signal.reason as Error);
		signal.addEventListener('abort', onAbort, { once: true });
	});
	try {
		await Promise.race([ended, aborted]);
	} finally {
		signal.removeEventListener('abort', onAbort);
	}
}

/**
 * What `ended` resolves to, or a rejection with the signal's reason as soon as it fires. `ended` itself goes on, and nobody
 * has to listen to it any more. n8n-workflow's own sleepWithAbort is gone in newer versions.
 */
export async function abortable<T>(ended: Promise<T>, signal?: AbortSignal): Promise<T> {
	if (!signal) return await ended;
	let onAbort!: () => void;
	const aborted = new Promise<never>((_, reject) => {
		onAbort = () => reject(signal.reason as Error);
		if (signal.aborted) onAbort();
		else signal.addEventListener('abort', onAbort, { once: true });
	});
	try {
		return await Promise.race([aborted, ended]);
	} finally {
		signal.removeEventListener('abort', onAbort);
	}
}

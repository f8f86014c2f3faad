/** A promise together with the function that resolves it. */
export interface Deferred<T = void> {
	readonly promise: Promise<T>;
	readonly resolve: (value: T) => void;
	readonly reject: (reason: unknown) => void;
}

/** A promise that is settled from outside: Promise.withResolvers, which Node 20 lacks. */
export function deferred<T = void>(): Deferred<T> {
	let resolve!: Deferred<T>['resolve'];
	let reject!: Deferred<T>['reject'];
	const promise = new Promise<T>((onResolve, onReject) => {
		resolve = onResolve;
		reject = onReject;
	});
	return { promise, resolve, reject };
}

/**
 * What `promise` resolves to, or a rejection with the signal's reason as soon as the signal fires. The promise itself goes
 * on, and nobody has to listen to it any more. n8n-workflow's own sleepWithAbort is gone in newer versions.
 */
export async function abortable<T>(promise: Promise<T>, signal?: AbortSignal): Promise<T> {
	if (!signal) return await promise;
	const aborted = deferred<never>();
	const onAbort = () => aborted.reject(signal.reason);
	if (signal.aborted) onAbort();
	else signal.addEventListener('abort', onAbort, { once: true });
	try {
		return await Promise.race([aborted.promise, promise]);
	} finally {
		signal.removeEventListener('abort', onAbort);
	}
}

import { Batch } from '../../../nodes/ConfirmaFinance/guard/batch';
import { factsOfEnd, type Ending, type Operation, type Plan } from '../../../nodes/ConfirmaFinance/guard/ledger';
import { LockLost, type Lease } from '../../../nodes/ConfirmaFinance/guard/lock';
import type { Store } from '../../../nodes/ConfirmaFinance/n8n/deduplication';
import { OwnFacts } from '../../../nodes/ConfirmaFinance/guard/ownFacts';
import { timing } from '../../../nodes/ConfirmaFinance/guard/timing';

/*
 * A model of several processes at work on one row of n8n's store. It runs the guard's own batches and ledger; played are the
 * database, the lock, the API and what goes wrong. Every choice is asked for, so that all of them, or a random one, can be tried.
 */

/** What a process does, one after the other. */
export type Step =
	| { kind: 'claim'; again?: boolean; anyway?: boolean; keys: string[]; endings: Ending[] }
	| { kind: 'preview' | 'take'; keys: string[] }
	| { kind: 'late' };

export interface Faults {
	/** How many things may go wrong. */
	readonly most: number;
	readonly kinds: readonly Fault[];
}
/**
 * A call fails before or after it is written; a process dies; it stalls between two calls, or within one, which is made late then:
 * wholly, or with the row as it was read before.
 */
export type Fault = 'failsBefore' | 'failsAfter' | 'dies' | 'stalls' | 'landsLate' | 'overwrites';

/** Picks one of so many branches. */
export type Choose = (branches: number, what: string) => number;

interface Process {
	readonly name: number;
	readonly own: OwnFacts;
	/** What it goes on with when it is its turn. */
	go?: () => void;
	mayGo: () => boolean;
	isDead: boolean;
	isStalled: boolean;
	isInTheAir: boolean;
	hasLost: boolean;
	/** When its late batch is due. */
	lateAt: number;
	/** Others have waited for it in vain since it claimed. */
	wasSilent: boolean;
}

export interface Played {
	/** What must not happen. */
	readonly findings: string[];
	readonly trace: string[];
	readonly overwrites: number;
	/** How often each verdict was given. */
	readonly verdicts: Record<string, number>;
}

const attemptOf = ({ state }: Plan) => state.attempts + 1;

/** Plays one schedule: what each process does, interleaved and disturbed as chosen. */
export async function play(programs: Step[][], faults: Faults, choose: Choose): Promise<Played> {
	// Time passes only where a process waits: what is written again once a second isn't before.
	let clock = 0;
	jest.spyOn(performance, 'now').mockImplementation(() => clock);
	let row: string[] = [];
	let faultsLeft = faults.most;
	let overwrites = 0;
	let holder: Process | undefined;
	const [findings, trace]: [string[], string[]] = [[], []];
	const verdicts: Record<string, number> = {};
	const [created, taken, recorded] = [new Map<string, number>(), new Set<string>(), new Set<string>()];
	const inFlight: Array<{ key: string; by: Process }> = [];
	const isInFlight = (key: string, but: Process) => inFlight.some((one) => one.key === key && one.by !== but && !one.by.isDead);

	let paused = () => {};
	/** Lets the scheduler choose who goes on. */
	const turn = async (process: Process, mayGo = () => true): Promise<void> =>
		await new Promise((resolve) => {
			Object.assign(process, { go: resolve, mayGo });
			paused();
		});

	const forever = new Promise<never>(() => {});
	const call = async <T>(process: Process, name: string, apply: (data: string[]) => T): Promise<T> => {
		await turn(process);
		const kinds = faultsLeft > 0 ? faults.kinds : [];
		const fault = kinds.length > 0 ? ([undefined, ...kinds] as const)[choose(kinds.length + 1, 'fault')] : undefined;
		if (fault) faultsLeft -= 1;
		trace.push(`${process.name} ${name}${fault ? ` [${fault}]` : ''}`);
		if (fault === 'failsBefore') throw new Error('read ECONNRESET');
		if (fault === 'dies') {
			process.isDead = true;
			paused();
			return await forever;
		}
		if (fault === 'stalls' || fault === 'landsLate' || fault === 'overwrites') {
			const older = [...row];
			process.isStalled = true;
			await turn(process);
			process.isStalled = false;
			if (fault === 'stalls' && process.hasLost) throw new LockLost('late');
			if (fault !== 'stalls' && process.hasLost) {
				// Nobody waits for the call any longer: it is made at some time, and the process does its batch again.
				const inTheAir = newProcess(process.name);
				processes.push(inTheAir);
				inTheAir.isInTheAir = true;
				inTheAir.mayGo = () => true;
				inTheAir.go = () => {
					trace.push(`${process.name} ${name} lands`);
					apply(fault === 'overwrites' ? older : row);
					if (fault === 'overwrites') {
						overwrites += 1;
						row = older;
					}
					inTheAir.isInTheAir = false;
					paused();
				};
				throw new LockLost('late');
			}
		}
		const result = apply(row);
		if (fault === 'failsAfter') throw new Error('read ECONNRESET');
		return result;
	};
	const storeOf = (process: Process): Store => ({
		checkProcessedAndRecord: async (values) =>
			await call(process, `+${values.join(' ')}`, (data) => {
				const isNew = values.filter((value) => !data.includes(value as string));
				data.push(...(isNew as string[]));
				return { new: isNew, processed: [] };
			}),
		removeProcessed: async (values) =>
			await call(process, `-${values.join(' ')}`, (data) => {
				for (const value of values) if (data.includes(value as string)) data.splice(data.indexOf(value as string), 1);
			}),
		clearAllProcessedItems: async () => {},
		getProcessedDataCount: async () => await call(process, 'count', (data) => data.length),
	});
	/** @returns the answers by key; undefined when the batch failed */
	const batch = async (
		process: Process,
		keys: string[],
		operation?: Operation,
		locks = 3,
	): Promise<Map<string, Plan> | undefined> => {
		const isFree = () => holder === undefined || holder.isDead || holder.isStalled;
		await turn(process, isFree);
		if (holder) holder.hasLost = true;
		holder = process;
		process.hasLost = false;
		const check = () => {
			if (process.hasLost) throw new LockLost('late');
		};
		const lease = {
			check,
			call: async (make: () => Promise<unknown>) => {
				check();
				return await make().finally(check);
			},
		} as unknown as Lease;
		const replies = new Map<string, Plan>();
		const questions = operation
			? keys.map((key) => ({ key, operation, resolve: (plan: Plan) => void replies.set(key, plan) }))
			: [];
		let isWritten = false;
		const unanswered = new Set(questions);
		try {
			await new Batch(storeOf(process), lease, process.own, unanswered).write();
			isWritten = true;
		} catch (error) {
			// What was answered before stands.
			if (error instanceof LockLost && locks > 1) {
				const left = [...unanswered].map(({ key }) => key);
				const again = await batch(process, left, operation, locks - 1);
				for (const [key, plan] of again ?? []) replies.set(key, plan);
				isWritten = again !== undefined;
			}
		} finally {
			if (holder === process) holder = undefined;
		}
		return operation || isWritten ? replies : undefined;
	};

	const send = async (process: Process, key: string, reply: Plan, person: boolean, ending: Ending): Promise<void> => {
		trace.push(`${process.name} sends ${key}`);
		if (!person && (isInFlight(key, process) || (created.get(key) ?? 0) > 0))
			findings.push(`second request${overwrites > 0 ? ' after an overwrite' : ''}`);
		inFlight.push({ key, by: process });
		await turn(process);
		if (ending === 'created' || (ending === 'unknown' && choose(2, 'reached') === 1))
			created.set(key, (created.get(key) ?? 0) + 1);
		inFlight.splice(
			inFlight.findIndex((one) => one.key === key && one.by === process),
			1,
		);
		// Sent although it was created: it stays so.
		if (reply.state.is === 'created') return;
		process.own.add(factsOfEnd(key, attemptOf(reply), ending));
		process.lateAt = clock + timing.lateBatch;
		for (let tries = 0; tries < 3; tries++) {
			if (!(await batch(process, []))) continue;
			if (ending === 'created') recorded.add(key);
			return;
		}
	};

	const claim = async (process: Process, step: Step & { kind: 'claim' }): Promise<void> => {
		const operation = { kind: 'claim', resend: { created: step.anyway === true, unknown: step.again === true } } as const;
		const replies = (await batch(process, step.keys, operation)) ?? new Map<string, Plan>();
		for (const key of step.keys) {
			let reply = replies.get(key);
			if (reply?.verdict === 'unsettled' && !reply.state.isOver) {
				const { attempts } = reply.state;
				// A request is answered before it counts as silent, but who holds back gives it up in any case. Claims that wait for as
				// long are renewed before they are sent.
				await turn(process, () => !step.again || !isInFlight(key, process));
				for (const other of processes) if (other !== process) other.wasSilent = true;
				clock += timing.silence;
				reply = (await batch(process, [key], { ...operation, silent: attempts }))?.get(key);
			}
			if (!reply) continue;
			const verdict = reply.verdict!;
			verdicts[verdict] = (verdicts[verdict] ?? 0) + 1;
			if (reply.verdict === 'duplicate' && !created.has(key) && !taken.has(key)) findings.push('duplicate of nothing');
			if (reply.verdict !== 'granted') continue;
			await turn(process);
			// What was silent for as long as others wait is renewed; then it leaves sooner than they may give it up again.
			let mine: Plan | undefined = reply;
			while (mine?.verdict === 'granted' && process.wasSilent && mine.state.is !== 'created') {
				process.wasSilent = false;
				const silent = attemptOf(mine);
				process.own.add(factsOfEnd(key, silent, 'nothing'));
				mine = (await batch(process, [key], { ...operation, silent }))?.get(key);
			}
			if (mine?.verdict !== 'granted') continue;
			await send(
				process,
				key,
				mine,
				step.again === true || step.anyway === true,
				step.endings[choose(step.endings.length, 'ending')]!,
			);
		}
	};

	const run = async (process: Process, steps: Step[]): Promise<void> => {
		await turn(process);
		for (const step of steps) {
			if (step.kind === 'claim') await claim(process, step);
			else if (step.kind === 'late') {
				// It comes later than any stall that is played lasts.
				await turn(process, () => !processes.some(({ isStalled, isInTheAir, isDead }) => (isStalled && !isDead) || isInTheAir));
				clock = Math.max(clock, process.lateAt);
				await batch(process, []);
			} else {
				if (step.kind === 'take') for (const key of step.keys) taken.add(key);
				const replies = await batch(process, step.keys, step.kind === 'take' ? { kind: 'take', silent: 1 } : { kind: 'look' });
				for (const [key, { state }] of replies ?? []) {
					if (state.is === 'created' && !created.has(key) && !taken.has(key)) findings.push('created, says a look, and is not');
				}
			}
		}
		process.mayGo = () => false;
		paused();
	};

	const newProcess = (name: number): Process => ({
		name,
		own: new OwnFacts(),
		mayGo: () => false,
		isDead: false,
		isStalled: false,
		isInTheAir: false,
		hasLost: false,
		lateAt: 0,
		wasSilent: false,
	});
	const processes = programs.map((_, name) => newProcess(name));
	programs.forEach((steps, index) => void run(processes[index]!, steps));
	for (let steps = 0; steps < 1000; steps++) {
		const able = processes.filter((process) => !process.isDead && process.mayGo());
		if (able.length === 0) break;
		// What others do beside the holder of the lock makes no difference.
		const busy = able.find((process) => process === holder && !process.isStalled);
		const next = busy ?? able[able.length > 1 ? choose(able.length, 'who') : 0]!;
		const stopped = new Promise<void>((resolve) => (paused = resolve));
		next.mayGo = () => false;
		next.go!();
		await stopped;
	}

	const keys = new Set(programs.flat().flatMap((step) => ('keys' in step ? step.keys : [])));
	const watcher = newProcess(9);
	faultsLeft = 0;
	const last = batch(watcher, [...keys], { kind: 'look' });
	holder = undefined;
	for (let isOver = false; !isOver; ) {
		void last.then(() => (isOver = true));
		await new Promise<void>((resolve) => {
			paused = resolve;
			watcher.go?.();
			void last.then(() => resolve());
		});
	}
	for (const [key, { state }] of (await last)!) {
		if (state.is === 'created' && !created.has(key) && !taken.has(key)) findings.push('created in the end, and is not');
		if (recorded.has(key) && state.is !== 'created')
			findings.push(`recorded as created, and ${state.is} in the end${overwrites > 0 ? ' after an overwrite' : ''}`);
	}
	return { findings, trace, overwrites, verdicts };
}

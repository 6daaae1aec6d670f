/**
 * All routes of a bridge that is running, which may be exchanged for others: routes that stay the same go on untouched.
 *
 * @module
 */

import type { RouteFigures } from "./bridge_figures.ts";
import { OpenRoute, type RouteSettings } from "./bridge_route.ts";
import type { RouteDescription } from "./bridge_routes.ts";
import { DetectionError } from "../../client/auto_format.ts";
import type { Log } from "../../terminal/log.ts";

/** A route that runs. */
interface RunningRoute {
  readonly route: OpenRoute;
  /** Resolves when it has ended, and its ends are closed. */
  readonly ended: Promise<void>;
}

/** The routes of a bridge. */
export class RouteSet implements AsyncDisposable {
  readonly #settings: RouteSettings;
  readonly #log: Log;
  readonly #running = new Map<string, RunningRoute>();
  readonly #allEnded = Promise.withResolvers<void>();
  readonly #past: RouteFigures[] = [];
  readonly #failures: string[] = [];
  #hasFailed = false;
  #isChanging = false;
  #isStopped = false;

  /** Creates a set without routes. */
  constructor(settings: RouteSettings) {
    this.#settings = settings;
    this.#log = settings.session.log;
  }

  /** Figures of all routes, those first that have ended. */
  get figures(): RouteFigures[] {
    return [...this.#past, ...this.runningFigures];
  }

  /** Figures of the routes that run. */
  get runningFigures(): RouteFigures[] {
    return [...this.#running.values()].flatMap(({ route }) => route.figures);
  }

  /** Errors that have ended routes, or kept files from being written as a whole, as far as they are not reported yet. */
  get failures(): readonly string[] {
    return this.#failures;
  }

  /** True if there was such an error. */
  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  /** Resolves when no route runs any more. */
  get ended(): Promise<void> {
    return this.#allEnded.promise;
  }

  /**
   * Opens and runs routes.
   *
   * @throws {Error} If one cannot be opened; none runs then
   */
  async start(descriptions: readonly RouteDescription[]): Promise<void> {
    const opened: OpenRoute[] = [];
    try {
      for (const description of descriptions) opened.push(await OpenRoute.open(description, this.#settings));
    } catch (error) {
      for (const route of opened) await route[Symbol.asyncDispose]();
      throw error;
    }
    for (const route of opened) this.#run(route);
  }

  /**
   * Exchanges the routes: those that are not among the new ones end, and have sent what has come before others take their
   * addresses. One that cannot be opened is reported, and the others run.
   *
   * @param descriptions The routes from now on
   */
  async exchange(descriptions: readonly RouteDescription[]): Promise<void> {
    this.#isChanging = true;
    try {
      const wanted = new Map(descriptions.map((description) => [keyOf(description), description]));
      const leaving = [...this.#running].filter(([key]) => !wanted.has(key)).map(([, running]) => running);
      for (const { route } of leaving) route.stop();
      await Promise.all(leaving.map(({ ended }) => ended));
      let count = 0;
      for (const [key, description] of wanted) {
        if (this.#running.has(key)) continue;
        if (this.#isStopped) break;
        try {
          this.#run(await OpenRoute.open(description, this.#settings));
          count++;
        } catch (error) {
          this.#log.error(`${description.name} does not run: ${(error as Error).message}`);
        }
      }
      this.#log.info(`Ended ${leaving.length} routes, began ${count}; ${this.#running.size} run`);
    } finally {
      this.#isChanging = false;
    }
    this.#checkEnd();
  }

  /** Ends the inputs of all routes. */
  stop(): void {
    this.#isStopped = true;
    for (const { route } of this.#running.values()) route.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stop();
    await Promise.all([...this.#running.values()].map(({ ended }) => ended));
  }

  #run(route: OpenRoute): void {
    const key = keyOf(route.description);
    for (const line of route.announcements) this.#log.info(line);
    this.#running.set(key, { route, ended: this.#finish(key, route) });
  }

  /** Runs a route to its end, and closes it. */
  async #finish(key: string, route: OpenRoute): Promise<void> {
    const { name } = route.description;
    try {
      await route.run();
    } catch (error) {
      const advice = error instanceof DetectionError ? "; give it as format=" : "";
      this.#report(`${name} has ended: ${(error as Error).message}${advice}`);
    }
    try {
      await route[Symbol.asyncDispose]();
    } catch (error) {
      this.#report(`${name} has not ended well: ${(error as Error).message}`);
    }
    route.flushLogs();
    for (const failure of route.failures) this.#report(failure);
    this.#past.push(...route.figures);
    this.#running.delete(key);
    this.#checkEnd();
  }

  /** Keeps an error for the end, and says it at once where other routes go on. */
  #report(failure: string): void {
    if (this.#running.size > 1) this.#log.error(failure);
    else this.#failures.push(failure);
    this.#hasFailed = true;
  }

  #checkEnd(): void {
    if (this.#running.size === 0 && !this.#isChanging) this.#allEnded.resolve();
  }
}

/** Returns a text that two descriptions share if they are the same. */
function keyOf(description: RouteDescription): string {
  return JSON.stringify(description);
}

/**
 * The modules of this package that a controller may import by their names.
 *
 * They are loaded only when it does. The imports beside the URLs are never called: they make `deno compile` embed the
 * modules, which a URL alone does not.
 *
 * @module
 */

const modules = {
  "": [import.meta.resolve("../../../mod.ts"), () => import("../../../mod.ts")],
  "/samples": [import.meta.resolve("../../samples/mod.ts"), () => import("../../samples/mod.ts")],
  "/formats": [import.meta.resolve("../../formats/mod.ts"), () => import("../../formats/mod.ts")],
  "/c37_118": [import.meta.resolve("../../formats/c37_118/mod.ts"), () => import("../../formats/c37_118/mod.ts")],
  "/api": [import.meta.resolve("../../api/mod.ts"), () => import("../../api/mod.ts")],
  "/transports": [import.meta.resolve("../../transports/mod.ts"), () => import("../../transports/mod.ts")],
  "/client": [import.meta.resolve("../../client/mod.ts"), () => import("../../client/mod.ts")],
  "/recordings": [import.meta.resolve("../../recordings/mod.ts"), () => import("../../recordings/mod.ts")],
  "/timing": [import.meta.resolve("../../timing/mod.ts"), () => import("../../timing/mod.ts")],
  "/generators": [import.meta.resolve("../../generators/mod.ts"), () => import("../../generators/mod.ts")],
  "/roundtrips": [import.meta.resolve("../../roundtrips/mod.ts"), () => import("../../roundtrips/mod.ts")],
  "/diagnosis": [import.meta.resolve("../../diagnosis/mod.ts"), () => import("../../diagnosis/mod.ts")],
  "/villasnode": [import.meta.resolve("../../villasnode/mod.ts"), () => import("../../villasnode/mod.ts")],
  "/controllers": [import.meta.resolve("../../controllers/mod.ts"), () => import("../../controllers/mod.ts")],
  "/scope": [import.meta.resolve("../../scope/mod.ts"), () => import("../../scope/mod.ts")],
} as const;

/** URLs of the modules by the part of their names behind `@villas/client`. */
export const ownModules: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(modules).map(([name, [url]]) => [name, url]),
);

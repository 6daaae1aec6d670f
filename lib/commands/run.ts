/**
 * `villas-client run`: a controller in the loop.
 *
 * @module
 */

import { InputError } from "../system/input_error.ts";
import { type Command, exitStatus, type Session } from "../terminal/command.ts";
import { parseAddress } from "../transports/address.ts";
import { ControlFile } from "./_shared/control_file.ts";
import { ControlConnections, findLinks } from "./_shared/control_links.ts";
import { explainWriting } from "./_shared/output.ts";
import { LocalPlant } from "./_shared/plant.ts";
import { ControlRun } from "./_shared/control_run.ts";
import { runOptions as options, type TemplateName } from "./_shared/run_options.ts";

/** The command `run`. */
export const runCommand: Command<typeof options> = {
  name: "run",
  operands: "FILE",
  maximumOperands: 1,
  description: [
    "Runs a controller: a file of JavaScript or TypeScript whose default export is one step. It is called with the values " +
    "of each sample that comes, or at its rate with those of the newest one, and what it returns is sent: a list of values, " +
    "an object by the names of the signals, or nothing. It needs no other program, not even for TypeScript, whose types are " +
    "removed and not checked. --new writes a file to begin with, and --plant is something to try it on.",
    'The file may also export signals (such as { in: "2f", out: "f" }), rate, safe (the values to fall back on), ' +
    "watchdog (seconds without a sample after which the safe values go out), limits ({ min, max, rate } of each output), " +
    "parameters, ranges (of parameters, [from, to]), links (several nodes by their names), init and stop. The second argument of a step has dt, time, sequence, " +
    "age, named (the values by name), state, parameters and more. Options take precedence over the file.",
    "An exception, NaN, a wrong length or type, and a step that is later than --deadline are faults: each cause is said once, " +
    "with its line, all are counted, and the safe values are sent instead, or nothing where there are none. The safe values " +
    "are also the last that is sent, at every end. A step that never returns is noticed by another thread, which sends the " +
    "safe values from a port of its own and ends the process.",
    "Lines of standard input such as kp=3 set parameters while it runs, as the sliders, fields and switches of --scope do, " +
    "one page at a time; an empty line prints them. Inputs and outputs are printed, and recorded by --log, as one sample. A controller may do all that this program may: read files, open " +
    "connections, start programs. Run only those that you trust.",
  ],
  examples: [
    { what: "Write a PI controller to begin with", line: "villas-client run --new pi pi.ts" },
    {
      what: "Try it with a plant in the same process",
      line: "villas-client run --plant pi.ts --duration 10 --print none",
    },
    {
      what: "Face a VILLASnode, and take each saved version of the file over while it runs",
      line: "villas-client run --watch pi.ts",
    },
    {
      what: "Take a thousand steps per second, and record inputs and outputs",
      line: "villas-client run pi.ts --rate 1000 --log run.csv --print none",
    },
    {
      what: "Look at it in the browser, and tune it there",
      line: "villas-client run --plant pi.ts --scope --print none",
    },
    { what: "Set parameters, and end at the first fault", line: "villas-client run pi.ts --set kp=3,ki=0 --strict" },
  ],
  options,
  async run(values, [path], session) {
    if (values.new !== undefined) return await writeTemplate(values.new, path, session);
    if (path === undefined) {
      throw new InputError("FILE is missing: give a controller, or --new TEMPLATE to have one to begin with");
    }
    const source = await ControlFile.load(path, session);
    if (source === undefined) return exitStatus.done;
    using plant = values.plant ? await LocalPlant.open() : undefined;
    const addresses = plant && { local: parseAddress("udp://127.0.0.1:0"), remote: parseAddress(plant.address) };
    const links = await findLinks({ ...values, ...addresses }, source.controller, path, session);
    await using connections = await ControlConnections.open(links, session);
    return await new ControlRun(values, source, links, connections, session).run(plant);
  },
};

async function writeTemplate(
  name: TemplateName,
  path: string | undefined,
  { log }: Session,
): Promise<number> {
  const { templates } = await import("../controllers/templates/table.ts");
  const template = templates[name];
  const target = path ?? `${name}.ts`;
  try {
    await Deno.writeTextFile(target, template.text, { createNew: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw explainWriting(error, target);
    throw new InputError(`Cannot write ${target}: it exists already`, { cause: error });
  }
  log.info(`Wrote ${target}: ${template.summary}`);
  return exitStatus.done;
}

/** Imports a module, if one is named, and says how much memory the process has had at most, in kB. */
if (Deno.args[0] !== undefined) await import(Deno.args[0]);
console.log(/^VmHWM:\s+(\d+)/m.exec(Deno.readTextFileSync("/proc/self/status"))?.[1]);

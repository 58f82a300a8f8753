import pino from 'pino';
import { createSandboxes } from './src/base/sandbox.ts';
import { build } from '/work/wt/sandbox/packages/runner/build.mjs';
const s = createSandboxes({ log: pino({level:'debug'}), runnerPath: await build(), warm: 1 });
console.log(await s.run({key:'a',run:{kind:'action',models:[],input:1} as any,code:process.argv[2] ?? 'module.exports={exec:async()=>{return 1}}',timeoutMs:3000,signal:new AbortController().signal,onLog:console.log,onCall:async()=>({value:1})}));
await s.close();

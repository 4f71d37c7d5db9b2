import type { InitOptions, InitResult } from '../project/init.js';

export type { InitOptions, InitResult };

/** Makes a project folder ready: a folder for revisions, a configuration, the embedded database ignored by git. Leaves alone what is there. */
export async function init(options: InitOptions = {}): Promise<InitResult> {
  const { checkOptions } = await import('../config/check-options.js');
  const { initProject } = await import('../project/init.js');
  return initProject(await checkOptions('init', options));
}

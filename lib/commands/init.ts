import type { InitOptions, InitResult } from '../project/init.js';

export type { InitOptions, InitResult };

/** Creates the files of a project: revisions folder, configuration file, .gitignore. Existing files are not changed. */
export async function init(options: InitOptions = {}): Promise<InitResult> {
  const { checkOptions } = await import('../config/check-options.js');
  const { initProject } = await import('../project/init.js');
  return initProject(await checkOptions('init', options));
}

/** @type {import('next').NextConfig} */
export default {
  output: 'standalone',
  // Both read files of their own at run time, and stay where they are installed.
  serverExternalPackages: ['revgraph', 'pg'],
  // Nothing imports the revisions: the standalone output is told of them.
  outputFileTracingIncludes: { '/*': ['./revisions/**/*'] },
};

import { defineConfig } from 'vitepress';

/* `npm run docs` builds the pages of this folder as a site, in docs/.vitepress/dist. It needs no network. */

const page = (text, link) => ({ text, link });

export default defineConfig({
  title: 'revgraph',
  description: 'PostgreSQL migrations as a revision graph, and the evidence of which revision a legacy database has',
  base: process.env.DOCS_BASE ?? '/',
  srcExclude: ['example/**'],
  // What lies outside of this folder is there in the repository.
  ignoreDeadLinks: [/^(\.\/)?\.\.\//, /^\.\/example/],
  lastUpdated: false,
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    nav: [page('Start', '/start'), page('Commands', '/commands'), page('Library', '/library')],
    sidebar: [
      {
        text: 'Begin',
        items: [
          page('Ten minutes', '/start'),
          page('Concepts', '/concepts'),
          page('Teams', '/team'),
          page('Adopting', '/adopting'),
        ],
      },
      {
        text: 'Run',
        items: [
          page('Running', '/running'),
          page('Preflight', '/preflight'),
          page('Verify', '/verify'),
          page('Backfills', '/backfills'),
          page('Services', '/services'),
          page('boot() and readiness()', '/boot'),
        ],
      },
      {
        text: 'Prove',
        items: [
          page('Legacy databases', '/legacy'),
          page('The matrix', '/matrix'),
          page('CI', '/ci'),
          page('Chaos', '/chaos'),
        ],
      },
      {
        text: 'Reference',
        items: [
          page('Commands', '/commands'),
          page('Options', '/options'),
          page('Revision files', '/revisions'),
          page('Library', '/library'),
          page('Errors', '/errors'),
        ],
      },
      {
        text: 'About',
        items: [
          page('Beside other tools', '/comparison'),
          page('Performance', '/performance'),
          page('Architecture', '/architecture'),
          page('Dependencies', '/dependencies'),
          page('Decisions', '/decisions/0002-deviations'),
        ],
      },
    ],
  },
});

import { expect, test } from 'vitest';
import { withJobQueues } from '../../lib/database/batches/job-queue.js';
import { withSession } from '../../lib/database/connection/connect.js';
import { freshDatabase } from '../support/databases.js';

/* pg-boss on a connection of its own; several processes open it at the same moment. */

test('workers that begin together make the tables of the queue once, and all of them work', async () => {
  for (let round = 0; round < 2; round++) {
    const database = await freshDatabase();
    const taken: number[] = [];
    const worker = () =>
      withSession(database.url, {}, (session) =>
        withJobQueues(session, async (open) => {
          const queue = await open('fill');
          await queue.add([0, 1, 2, 3, 4, 5, 6, 7]);
          for (let job = await queue.take(); job !== null; job = await queue.take()) {
            taken.push(job);
            await queue.done(job);
          }
        }),
      );
    await Promise.all([worker(), worker(), worker(), worker(), worker(), worker()]);
    expect(taken.toSorted()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    await database.drop();
  }
});

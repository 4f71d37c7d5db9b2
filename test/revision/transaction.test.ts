import { describe, expect, it } from 'vitest';
import { transactionMode } from '../../lib/revision/transaction.js';
import { splitStatements } from '../../lib/sql/statements.js';
import { thrown } from './thrown.js';

async function mode(sql: string, declared: 'auto' | 'none'): Promise<string> {
  return transactionMode(await splitStatements(sql, { file: 'a.sql', line: 1 }), declared);
}

describe('transactionMode', () => {
  it.each([
    ['', 'auto', 'transaction'],
    ['', 'none', 'none'],
    ['CREATE TABLE t (); SELECT 1', 'auto', 'transaction'],
    ['CREATE TABLE t (); SELECT 1', 'none', 'none'],
    ['VACUUM', 'auto', 'none'],
    ['VACUUM; CREATE INDEX CONCURRENTLY ON t (a)', 'auto', 'none'],
    ["SET lock_timeout = '2s'; CREATE INDEX CONCURRENTLY ON t (a); RESET lock_timeout", 'auto', 'none'],
    ['CREATE TABLE t (); CREATE INDEX CONCURRENTLY ON t (a)', 'none', 'none'],
    ['SAVEPOINT a; SELECT 1; ROLLBACK TO a; RELEASE a', 'auto', 'transaction'],
    ['SET TRANSACTION ISOLATION LEVEL SERIALIZABLE; SELECT 1', 'auto', 'transaction'],
  ] as const)('%j, %s: %s', async (sql, declared, expected) => {
    expect(await mode(sql, declared)).toBe(expected);
  });

  it.each([
    ['SELECT 1;\nVACUUM;', 'auto', 2, /VACUUM can't run inside a transaction/, /@transaction none/],
    ["VACUUM;\nSET LOCAL work_mem = '1MB'", 'auto', 1, /VACUUM can't run inside/, /separate revision/],
    ['SELECT 1;\nBEGIN;\nSELECT 2', 'auto', 2, /BEGIN is not allowed in a revision/, /Remove it/],
    ['SELECT 1;\nCOMMIT', 'none', 2, /COMMIT is not allowed in a revision/, /Remove it/],
    ['DISCARD ALL', 'none', 1, /release the lock/, /DISCARD TEMP/],
    ['SELECT 1;\nSAVEPOINT a', 'none', 2, /savepoint needs a transaction/, /Remove the savepoint/],
    ['VACUUM;\nSAVEPOINT a', 'auto', 2, /savepoint needs a transaction/, /Remove the savepoint/],
  ] as const)('%j, %s: refused at line %i', async (sql, declared, line, reason, hint) => {
    const error = await thrown('transaction_contradiction', () => mode(sql, declared));
    expect(error.details).toMatchObject({ file: 'a.sql', line });
    expect(error.details.reason).toMatch(reason);
    expect(error.hint).toMatch(hint);
  });
});

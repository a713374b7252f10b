import { StackError } from '../../src/stack/stack-error.js';

/** What a start that must fail tells its reader: the sentence and what to do. */
export async function refusalOf(start: Promise<unknown>): Promise<{ readonly message: string; readonly whatToDo: string }> {
  try {
    await start;
  } catch (error) {
    if (error instanceof StackError) return { message: error.message, whatToDo: error.whatToDo };
    throw error;
  }
  throw new Error('it started although it should have refused');
}

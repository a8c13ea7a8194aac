// What people come for, from the first page to the last. A journey is a function that takes a person, with two more words
// at most: `everywhere` runs in every setting (else in two, one with scripts and one without), `instance` is whose pages
// they are.
import * as account from './journeys/account.mjs';
import * as core from './journeys/core.mjs';
import * as proofs from './journeys/proofs.mjs';
import * as signUp from './journeys/sign_up.mjs';

export const journeys = Object.entries({ ...core.journeys, ...proofs.journeys, ...signUp.journeys, ...account.journeys }).map(
  ([name, journey]) => (typeof journey === 'function' ? { name, run: journey } : { name, ...journey }),
);

// Why a cell can have no case: each rule forbids some cells of some rows.

export const RULES = {
  'header-dispatch': 'A token in the header is judged by itself; the cookie flow is for requests without one (§4.2).',
  'cookie-dispatch': 'Only a token in the header is looked at here; a cookie never holds one of this kind (§4.2).',
  'document-only': 'The row asks for `Sec-Fetch-Dest: document` and GET, which is what a document is (§4.3, notes).',
  'other-only': 'A document is a GET; the row is about other methods (§4.5).',
  'development-only': 'The row asks for a development instance (§4.3, §4.6).',
  'production-only': 'The row asks for a production instance (§4.3).',
  'decoded-before': 'The expired token in the cookie has been decoded, or it would not be known to be expired (§4.3 #11).',
  'client-always-there': 'An SDK client always has an API client; only the bare function can lack one (§4.5).',
  'expired-is-present': 'What has expired is there: the session token is never missing when it is refreshed (§4.5).',
  'asked-with-cookie': 'Refreshing begins only where the refresh cookie is (§4.5).',
  'expired-is-named': '`null` is for errors other than expiry, and they do not name it in their reason (§4.5).',
  'key-is-asserted': 'The secret key is asserted before any token is looked at, so that there is always a source of keys (§4.1).',
  'never-thrown': 'The pinned SDK has the name and nothing that answers it.',
  'no-option': 'None of the recorded options asks for it (the SDK has `issuer`, the recorded requests do not).',
};

/** Forbids by instance type, destination or carrier; the first that applies is named. */
export function only({ instance, destination, carrier }) {
  return (cell) => {
    if (instance && cell.instance !== instance) return `${instance}-only`;
    if (carrier && cell.carrier !== carrier) return `${cell.carrier}-dispatch`;
    if (destination && cell.destination !== destination) return `${destination}-only`;
    return null;
  };
}

export const anyCell = () => null;
export const cookieOnly = only({ carrier: 'cookie' });
export const headerOnly = only({ carrier: 'header' });

/** No cell of the row is possible. */
export function never(rule) {
  return () => rule;
}

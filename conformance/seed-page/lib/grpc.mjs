// The seed page over gRPC: the same questions, so that one driver asks them. Each route of the page is a method of
// examples/tonic/proto/seed_page.proto; headers are metadata, and an answer is told as the page would tell it.
import { fileURLToPath } from 'node:url';
import grpc from '@grpc/grpc-js';
import protoLoader from '@grpc/proto-loader';
import { App } from './app.mjs';

const PROTO = fileURLToPath(new URL('../../../examples/tonic/proto/seed_page.proto', import.meta.url));
const DEADLINE_MILLISECONDS = 20_000;

/** Route, method, and its reply in the words of the page. */
const METHODS = {
  'GET /api/state': ['State', ({ userId = null, isSignedIn = false }) => ({ userId, isSignedIn })],
  'GET /api/auth': ['WholeAuth', ({ text }) => JSON.parse(text)],
  'GET /api/protected': ['Protected', ({ userId }) => ({ userId })],
  'GET /api/token': ['SessionToken', ({ token = null }) => ({ token })],
  'GET /api/token/supabase': ['SupabaseToken', ({ token = null }) => ({ token })],
  'GET /api/user': [
    'GetUser',
    ({ id, emailAddress = null, publicMetadata }) => ({
      id,
      emailAddress,
      publicMetadata: JSON.parse(publicMetadata.text),
    }),
  ],
  'POST /api/user/metadata': [
    'ChangeMetadata',
    ({ id, publicMetadata }) => ({ id, publicMetadata: JSON.parse(publicMetadata.text) }),
  ],
};

/** What a page would answer for a gRPC status; any other is a 500. */
const STATUSES = {
  [grpc.status.INVALID_ARGUMENT]: 400,
  [grpc.status.UNAUTHENTICATED]: 401,
  [grpc.status.PERMISSION_DENIED]: 403,
  [grpc.status.NOT_FOUND]: 404,
  [grpc.status.FAILED_PRECONDITION]: 422,
};

export class GrpcApp extends App {
  #client;

  constructor(setting) {
    super(setting);
    const definition = protoLoader.loadSync(PROTO, { keepCase: false });
    const { SeedPage } = grpc.loadPackageDefinition(definition).frontdesk.example;
    this.#client = new SeedPage(new URL(this.url).host, grpc.credentials.createInsecure());
  }

  get hasPages() {
    return false;
  }

  caller(headers) {
    return {
      get: (path) => this.#call(`GET ${path}`, {}, headers),
      post: (path, { publicMetadata }) =>
        this.#call(`POST ${path}`, { text: JSON.stringify(publicMetadata) }, headers),
    };
  }

  #call(route, message, headers) {
    const [method, tell] = METHODS[route];
    const metadata = new grpc.Metadata();
    for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
    const options = { deadline: Date.now() + DEADLINE_MILLISECONDS };
    return new Promise((resolve) => {
      let sent = {};
      const call = this.#client[method](message, metadata, options, (error, reply) => {
        const value = error ? refusal(error) : tell(reply);
        resolve({
          url: method,
          status: error ? (STATUSES[error.code] ?? 500) : 200,
          headers: { ...sent, ...error?.metadata.getMap() },
          text: JSON.stringify(value),
          json: () => value,
        });
      });
      call.on('metadata', (received) => (sent = received.getMap()));
    });
  }
}

function refusal({ code, details }) {
  const isNobody = code === grpc.status.UNAUTHENTICATED && details === 'nobody is signed in';
  return { error: isNobody ? 'unauthorized' : details };
}

import { getAuth } from '@clerk/nextjs/server';

export function getServerSideProps({ req }) {
  const { userId } = getAuth(req);
  return { props: { userId } };
}

export default function Home({ userId }) {
  return <p id="who">{userId ?? 'signed out'}</p>;
}

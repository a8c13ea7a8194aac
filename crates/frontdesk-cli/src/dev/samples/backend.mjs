import { createClerkClient } from '@clerk/backend'

const clerk = createClerkClient({
  apiUrl: process.env.CLERK_API_URL,
  publishableKey: process.env.CLERK_PUBLISHABLE_KEY,
  secretKey: process.env.CLERK_SECRET_KEY,
})
const { data } = await clerk.users.getUserList()
console.log(data.map((user) => user.id))

import express from 'express'
import { clerkMiddleware, getAuth } from '@clerk/express'

const app = express()
app.use(clerkMiddleware())
app.get('/me', (req, res) => {
  const { userId } = getAuth(req)
  userId ? res.json({ userId }) : res.status(401).json({ error: 'unauthorized' })
})
app.listen(3000)

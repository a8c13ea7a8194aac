/** Passes on what the Backend API refused: its status and its first error code. */
export function answerRefusals(handler) {
  return async (req, res) => {
    try {
      await handler(req, res);
    } catch (refusal) {
      if (!refusal.status) throw refusal;
      res.status(refusal.status).json({ error: refusal.errors?.[0]?.code ?? 'refused' });
    }
  };
}

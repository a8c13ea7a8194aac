// What is nicer with a script. Every page works without.

// One press is enough.
for (const form of document.querySelectorAll('form')) {
  form.addEventListener('submit', (event) => {
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = 'yes';
    (event.submitter ?? form.querySelector('button'))?.setAttribute('aria-busy', 'true');
  });
}
// A page that comes back from the browser's memory can be sent again.
addEventListener('pageshow', (event) => {
  if (!event.persisted) return;
  for (const form of document.querySelectorAll('form')) delete form.dataset.sent;
  for (const button of document.querySelectorAll('[aria-busy]')) button.removeAttribute('aria-busy');
});

// Passwords can be looked at.
for (const input of document.querySelectorAll('input.password')) {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'reveal';
  button.setAttribute('aria-controls', input.id);
  const show = (shown) => {
    input.type = shown ? 'text' : 'password';
    button.textContent = shown ? 'Hide' : 'Show';
    button.setAttribute('aria-label', shown ? 'Hide password' : 'Show password');
  };
  show(false);
  button.addEventListener('click', () => {
    show(input.type === 'password');
    input.focus();
  });
  // Browsers offer to save a password only if it is sent as one.
  input.form?.addEventListener('submit', () => show(false));
  const holder = document.createElement('div');
  holder.className = 'holder';
  input.replaceWith(holder);
  holder.append(input, button);
}

// A whole code is sent at once.
for (const input of document.querySelectorAll('input.code')) {
  input.addEventListener('input', () => {
    const digits = input.value.replace(/\s/g, '');
    if (/^\d{6}$/.test(digits) && !input.getAttribute('aria-invalid')) input.form?.requestSubmit();
  });
}

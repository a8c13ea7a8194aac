module.exports = { poweredByHeader: false, reactStrictMode: true, turbopack: { root: __dirname } };

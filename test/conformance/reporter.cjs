// Jest loads reporters without a compiler. It brings one for its configuration file: the same is used here.
const { register } = require('esbuild-register/dist/node');

const { unregister } = register({ target: `node${process.versions.node}` });
module.exports = require('./conformance-reporter').ConformanceReporter;
unregister();

/**
 * jest's runtime. By itself it compiles all modules of a suite anew, although those before had the same ones:
 * here V8 takes over what it has made of them before in this process.
 */
const vm = require('node:vm');

const { compileFunction } = vm;
/** By the source of a module. */
const compiled = new Map();

vm.compileFunction = (source, parameters, options) => {
  const cachedData = compiled.get(source);
  if (cachedData) return compileFunction(source, parameters, { ...options, cachedData });
  const made = compileFunction(source, parameters, { ...options, produceCachedData: true });
  compiled.set(source, made.cachedData);
  return made;
};

module.exports = require('jest-runtime');

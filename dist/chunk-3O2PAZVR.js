import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{a}from"./chunk-RXOJYNWO.js";import"./chunk-X5XRAN7W.js";import"./chunk-ENIY5GD4.js";export default a();

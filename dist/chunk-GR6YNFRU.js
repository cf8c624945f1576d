import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
function e(t){return`a request may have ${t} bytes at most, unpacked`}export{e as a};

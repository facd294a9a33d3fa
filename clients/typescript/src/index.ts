export * from './client.js';
export * from './document.js';
export * from './generated.js';

export { type LocalStorageOptions, localStorageStore } from './local-storage.ts'

import tseslint from 'typescript-eslint'

/** Rules that ask the type checker; a step of their own (`pnpm check assertions`), since they take as long as all others together. */
export default tseslint.config(
  { ignores: ['**/dist/', '**/coverage/', '**/.reports/', '**/.doc-examples/', '**/.vitepress/cache/'] },
  {
    files: ['packages/**/*.ts', 'apps/**/*.ts', 'scripts/**/*.ts', 'examples/**/*.ts'],
    languageOptions: {
      parser: tseslint.parser,
      parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname },
    },
    linterOptions: { reportUnusedDisableDirectives: 'off' },
    plugins: { '@typescript-eslint': tseslint.plugin },
    rules: { '@typescript-eslint/no-unnecessary-type-assertion': 'error' },
  },
)

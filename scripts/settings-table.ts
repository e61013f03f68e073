// Writes the settings table into README.md between its markers; `--check` only says whether it is already so.
import { settingsTable } from '../src/cli/settings-help.ts'
import { writeReadmeSection } from './readme-section.ts'

writeReadmeSection('settings', 'settings-table.ts', settingsTable())

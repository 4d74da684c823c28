export { Button, CharacterCount, Checkboxes, ErrorSummary, PasswordInput, SkipLink, createAll } from "govuk-frontend";

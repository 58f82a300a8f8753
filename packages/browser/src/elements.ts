/** `@bowline/browser/elements`: importing it defines the custom elements. */
import { ConnectButtonElement } from './connect-button.ts';
import { ConnectionStatusElement } from './connection-status.ts';
import { define } from './element.ts';
import { FieldMappingElement } from './field-mapping.ts';

export { ConnectButtonElement, type ConnectButtonTexts } from './connect-button.ts';
export { type ConnectionState, ConnectionStatusElement, type ConnectionStatusTexts } from './connection-status.ts';
export { FieldMappingElement, type FieldMappingTexts } from './field-mapping.ts';
export {
  type AppField,
  type FieldMappingSource,
  type FieldType,
  type Mappable,
  type Mapping,
  MappingError,
  type MappingIssue,
  mappingSource,
  type ProviderField,
} from './mapping-form.ts';

define('bowline-connect-button', ConnectButtonElement);
define('bowline-connection-status', ConnectionStatusElement);
define('bowline-field-mapping', FieldMappingElement);

declare global {
  interface HTMLElementTagNameMap {
    'bowline-connect-button': ConnectButtonElement;
    'bowline-connection-status': ConnectionStatusElement;
    'bowline-field-mapping': FieldMappingElement;
  }
}

/**
 * Employees as they change. BambooHR lists the ids of those that were added, changed or deleted since a time; each is then read by itself. Such
 * a time is kept since June 2011, which is where the first run begins.
 *
 * What the connected person may not see is left out without a word, so every field can be null, and an employee they may not see at all is
 * removed.
 */
import { createSync, type NangoAction } from 'bowline';
import { z } from 'zod';
import { type FieldMapping, readMapped } from '../../fields.js';
import { refusalOf } from '../../refusal.js';

const Employee = z.object({
  id: z.string(),
  employee_number: z.string().nullable(),
  first_name: z.string().nullable(),
  last_name: z.string().nullable(),
  preferred_name: z.string().nullable(),
  work_email: z.string().nullable(),
  job_title: z.string().nullable(),
  department: z.string().nullable(),
  location: z.string().nullable(),
  manager_id: z.string().nullable(),
  status: z.string().nullable().describe('Active or Inactive'),
  hired_on: z.string().nullable(),
  terminated_on: z.string().nullable(),
  custom: z.record(z.string(), z.string().nullable()),
});

const text = z.string().nullish();
const BambooEmployee = z.looseObject({
  id: z.string(),
  employeeNumber: text,
  firstName: text,
  lastName: text,
  preferredName: text,
  workEmail: text,
  jobTitle: text,
  department: text,
  location: text,
  supervisorEId: text,
  status: text,
  hireDate: text,
  terminationDate: text,
});
type BambooEmployee = z.infer<typeof BambooEmployee>;

const Changed = z.object({
  latest: z.string().nullish(),
  /** PHP writes an empty object as an empty list. */
  employees: z.union([z.record(z.string(), z.object({ id: z.string(), action: z.string() })), z.tuple([])]),
});

const sync = createSync({
  description: 'Employees as they change, with the fields the customer maps',
  version: '1.0.0',
  frequency: 'every hour',
  autoStart: true,
  models: { Employee },
  /** The app's field → BambooHR's, as `{ "shirt": "customTShirtSize" }`. After a change the app triggers the sync with `reset`. */
  metadata: z.object({ fieldMapping: z.record(z.string(), z.string()).optional() }),
  checkpoint: z.object({ since: z.string() }),

  exec: async (nango) => {
    const { fieldMapping = {} } = (await nango.getMetadata()) ?? {};
    const since = (await nango.getCheckpoint())?.since ?? '2011-06-01T00:00:00Z';
    const response = await nango.get({ endpoint: '/v1/employees/changed', params: { since }, retries: 3 });
    const { latest, employees } = Changed.parse(response.data);
    const gone: string[] = [];
    for (const { id, action } of Object.values(employees)) {
      const employee = action === 'Deleted' ? undefined : await readEmployee(nango, id, fieldMapping);
      if (employee === undefined) gone.push(id);
      else await nango.batchSave([toEmployee(employee, fieldMapping)], 'Employee');
    }
    await nango.batchDelete(
      gone.map((id) => ({ id })),
      'Employee',
    );
    // BambooHR's own clock, to the second: whoever changed in that very second is read once more.
    if (latest) await nango.saveCheckpoint({ since: latest });
  },
});

export type NangoSyncLocal = Parameters<(typeof sync)['exec']>[0];
export default sync;

const readEmployee = async (nango: NangoAction, id: string, mapping: FieldMapping): Promise<BambooEmployee | undefined> => {
  const fields = [...Object.keys(BambooEmployee.shape), ...Object.values(mapping)].join(',');
  try {
    const response = await nango.get({ endpoint: `/v1/employees/${id}`, params: { fields }, retries: 3 });
    return BambooEmployee.parse(response.data);
  } catch (error) {
    const status = refusalOf(error)?.status;
    if (status === 403 || status === 404) return undefined;
    throw error;
  }
};

const toEmployee = (employee: BambooEmployee, mapping: FieldMapping): z.infer<typeof Employee> => ({
  id: employee.id,
  employee_number: employee.employeeNumber || null,
  first_name: employee.firstName || null,
  last_name: employee.lastName || null,
  preferred_name: employee.preferredName || null,
  work_email: employee.workEmail || null,
  job_title: employee.jobTitle || null,
  department: employee.department || null,
  location: employee.location || null,
  manager_id: employee.supervisorEId || null,
  status: employee.status || null,
  hired_on: day(employee.hireDate),
  terminated_on: day(employee.terminationDate),
  custom: readMapped(mapping, employee),
});

/** No date is written `0000-00-00`. */
const day = (date: string | null | undefined): string | null => (date && date !== '0000-00-00' ? date : null);
